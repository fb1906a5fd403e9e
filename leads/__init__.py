"""`leads`: the command of the person who operates the app, and of the privacy officer. It is not deployed."""
