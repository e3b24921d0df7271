"""Data on its way in and out: images, small sets and shipped files, CIFAR-10."""
