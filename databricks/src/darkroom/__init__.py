"""What the notebooks compute: reading the lake, transforms from DataFrame to DataFrame, and plots of their results."""
