"""What is shown: layers, their types and places, and the views of them."""
