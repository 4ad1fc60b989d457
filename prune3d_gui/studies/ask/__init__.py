"""What a study asks and what comes back: questions, answers, outcomes, statistics."""
