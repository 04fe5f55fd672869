let
	x = 1;
	y =	x + "tabbed";
in y