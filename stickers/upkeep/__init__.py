"""What an operator does now and then: backups and housekeeping."""
