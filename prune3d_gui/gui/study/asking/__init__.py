"""What is asked for: the form and its fields, and the question that it makes."""
