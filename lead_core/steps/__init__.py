"""What the app does, one file per step. Each step decides with pure functions and acts through the ports."""
