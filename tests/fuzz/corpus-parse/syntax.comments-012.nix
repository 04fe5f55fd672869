{ a = /* multi
line */ 3; }