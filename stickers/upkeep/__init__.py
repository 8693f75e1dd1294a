"""Does what an operator needs now and then: backups and housekeeping."""
