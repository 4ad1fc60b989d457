"""The network: features of photographs, fusion of views, sparse convolutions."""
