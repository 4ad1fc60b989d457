"""The objects on the table: what each looks like, and where it stands."""
