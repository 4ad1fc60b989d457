"""Segmentation of volumes: PSP-Seg, a network of parallel branches pruned one by one."""
