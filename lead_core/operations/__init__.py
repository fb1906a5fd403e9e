"""What the person who operates the app can do: the steps of the command `leads`. No function loads them."""
