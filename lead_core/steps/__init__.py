"""What the app does, a step a file: each decides with the pure rooms below and acts through the ports."""
