"""Passkeys (WebAuthn): keys of which we know the public half; a device uses them for whom it recognises.

`site` says for which pages they are, `challenges` what they sign, `options` what a page hands to the browser,
`checking` what is to be believed of its answer. `own` keeps, names and removes them; `showing` is their use.
"""
