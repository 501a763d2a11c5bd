#ifndef OWNED_H
#define OWNED_H

enum { MEMBERS = 100, NOTES = 7 };

#endif
