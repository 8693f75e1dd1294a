"""Programs for developers that fit the numbers of the studio's engines to pictures. The studio imports none of them."""
