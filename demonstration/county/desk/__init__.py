"""What the county's officers have on their desks: paper ISOs, changes that were asked for, who was invited."""
