"""Pictures as people have them: files of many kinds, and objects in front of backgrounds."""
