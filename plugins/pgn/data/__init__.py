"""What the network is shown: data sets, pictures, samples."""
