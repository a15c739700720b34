"""Read models by what built them: schemas and generations, their names, how two are compared."""
