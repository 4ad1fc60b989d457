"""What can be made out of scene layers: surfaces, cuts and triangulations; no drawing here."""
