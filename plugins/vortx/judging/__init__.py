"""What networks are worth on whole rooms, beside one another."""
