"""VoRTX: indoor scenes from posed photographs."""
