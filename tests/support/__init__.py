"""What tests of several rooms share: rows, stand-ins, running studios, cut-outs and readers of print files."""
