"""Commands of one account that meet: whichever two come together, neither waits for ever."""
