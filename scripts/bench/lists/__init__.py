"""What lists of many entries cost: `aircraft` fills a log, `pages` asks for what is in it."""
