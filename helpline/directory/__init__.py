"""The directory of help: who may help a caller near where they are. Not a word of who asked."""
