"""What a chart or a table says of rows; the window and the reports only paint it."""
