"""Takes in pictures from outside: files of any usual kind in, upright 8-bit sRGB out. Pure: no Django, no Celery."""
