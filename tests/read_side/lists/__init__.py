"""What lists can be asked, what they bring along, and by which indexes."""
