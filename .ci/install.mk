# make install PREFIX=/usr/local DESTDIR= and its inverse.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/bastion
DESTDIR ?=
SONAME := libbastion.so.$(SOVERSION)
SOFILE := libbastion.so.$(VERSION)

define PC_FOLDERS
prefix=$(PREFIX)
libdir=$(LIBDIR)
includedir=$(INCLUDEDIR)
bindir=$(BINDIR)
endef

# Outside the folders that the loader searches, programs need an rpath.
define PC_TEXT
$(PC_FOLDERS)

Name: bastion
Description: Supervised, message passing processes for C
Version: $(VERSION)
Cflags: -I$${includedir} -pthread
Libs: -L$${libdir} -lbastion -pthread $(if $(filter /usr /usr/local,$(PREFIX)),,-Wl,-rpath,$${libdir})
Libs.private: $(RUNTIME_LIBS)
endef

# An archive only, so programs always need what it needs.
define PC_EXEC_TEXT
$(PC_FOLDERS)

Name: bastion-exec
Description: The executor of Bastion alone: tasks without actors
Version: $(VERSION)
Cflags: -I$${includedir} -pthread
Libs: -L$${libdir} -lbastion-exec $(RUNTIME_LIBS) -pthread
endef
export PC_TEXT PC_EXEC_TEXT

install: all
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(LIBDIR)/pkgconfig \
	  $(INCLUDEDIR)/bastion $(MANDIR)/man1 $(DOCDIR))
	install -m 755 $(B)/bastionc $(DESTDIR)$(BINDIR)/bastionc
	install -m 644 $(RUNTIME_HEADERS) $(DESTDIR)$(INCLUDEDIR)/bastion/
	install -m 644 $(B)/libbastion.a $(DESTDIR)$(LIBDIR)/libbastion.a
	install -m 644 $(B)/libbastion-exec.a $(DESTDIR)$(LIBDIR)/libbastion-exec.a
	install -m 755 $(B)/libbastion.so $(DESTDIR)$(LIBDIR)/$(SOFILE)
	ln -sf $(SOFILE) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libbastion.so
	printf '%s\n' "$$PC_TEXT" > $(DESTDIR)$(LIBDIR)/pkgconfig/bastion.pc
	printf '%s\n' "$$PC_EXEC_TEXT" \
	  > $(DESTDIR)$(LIBDIR)/pkgconfig/bastion-exec.pc
	install -m 644 compiler/bastionc.1 $(DESTDIR)$(MANDIR)/man1/bastionc.1
	install -m 644 $(wildcard grammar/*.md) $(DESTDIR)$(DOCDIR)/
	$(if $(DESTDIR),,PATH="$$PATH:/usr/sbin:/sbin" ldconfig 2>/dev/null || true)

uninstall:
	rm -f $(addprefix $(DESTDIR),$(BINDIR)/bastionc \
	  $(LIBDIR)/libbastion.a $(LIBDIR)/libbastion-exec.a \
	  $(LIBDIR)/libbastion.so \
	  $(LIBDIR)/$(SONAME) $(LIBDIR)/$(SOFILE) \
	  $(LIBDIR)/pkgconfig/bastion.pc $(LIBDIR)/pkgconfig/bastion-exec.pc \
	  $(MANDIR)/man1/bastionc.1)
	rm -rf $(DESTDIR)$(INCLUDEDIR)/bastion $(DESTDIR)$(DOCDIR)

.PHONY: install uninstall
#: install    PREFIX=/usr/local DESTDIR=: bastionc, headers, libraries, man page
#: uninstall  removes what install put there
