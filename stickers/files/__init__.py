"""Where files live: names, the disk, S3, thumbnails, and which rows name which file."""
