enum { FILES = 3 };
