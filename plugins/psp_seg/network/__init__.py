"""The network: its sizes, modules of branches, removal and files."""
