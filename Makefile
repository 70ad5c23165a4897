# `make demo` and `make test` are the two commands of the README. The others are for packagers and developers.

PREFIX ?= /usr/local
DESTDIR ?=
# Not empty: make no changes to the running system although DESTDIR is empty, for a trial installation in a private PREFIX.
STAGED ?=
SYSCONFDIR ?= /etc
UNITDIR ?= $(if $(filter /usr,$(PREFIX)),/lib/systemd/system,$(SYSCONFDIR)/systemd/system)
# The shells' own folders for completions. Debian's zsh has another one for packages.
BASH_COMPLETIONS = $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETIONS = $(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
FISH_COMPLETIONS = $(PREFIX)/share/fish/vendor_completions.d
SWIFT ?= swift
# The Swift runtime is linked in, so an installed program needs neither the toolchain nor the source tree.
RELEASE = -c release --static-swift-stdlib
PROGRAMS = srgand srgan-jobs srgan-notify srgan
UNITS = srgand.service srgan-notify.service

.DEFAULT_GOAL := help
.PHONY: help demo test torture bench build release format install uninstall dependencies clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: dependencies release ## upscale sample photographs with a daemon in ./var
	@scripts/demo

test: ## build and run every test and check
	@scripts/install-dependencies --for-tests
	@scripts/test

bench: dependencies ## measure the speed beside other engines, into var/benchmarks.md (half an hour)
	@Benchmarks/run

torture: ## run the durability and security tests for hours, and print the table of docs/reliability.md
	@scripts/install-dependencies --for-tests
	@scripts/torture

dependencies: ## install the Debian packages that are missing
	@scripts/install-dependencies

build: ## debug build
	$(SWIFT) build

release: ## optimised programs in .build/release
	set -e; for p in $(PROGRAMS); do $(SWIFT) build $(RELEASE) --product "$$p"; done

format: ## format the Swift sources in place
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Benchmarks

install: ## install the last release build, models, unit, configuration, manual pages and completions (PREFIX, DESTDIR)
	@test -x .build/release/srgand || { echo "Nothing is built yet: make release, then make install." >&2; exit 1; }
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/srgan/models' '$(DESTDIR)$(PREFIX)/share/man/man1' \
	    '$(DESTDIR)$(PREFIX)/share/man/man8' '$(DESTDIR)$(PREFIX)/share/doc/srgan' '$(DESTDIR)$(SYSCONFDIR)/srgan' '$(DESTDIR)$(UNITDIR)' \
	    '$(DESTDIR)$(PREFIX)/lib/sysusers.d' '$(DESTDIR)$(PREFIX)/lib/tmpfiles.d' \
	    '$(DESTDIR)$(BASH_COMPLETIONS)' '$(DESTDIR)$(ZSH_COMPLETIONS)' '$(DESTDIR)$(FISH_COMPLETIONS)'
	for p in $(PROGRAMS); do install -s -m 755 ".build/release/$$p" '$(DESTDIR)$(PREFIX)/bin/'; done
	set -e; for p in $(PROGRAMS); do \
	    ".build/release/$$p" --generate-completion-script bash > '$(DESTDIR)$(BASH_COMPLETIONS)'"/$$p"; \
	    ".build/release/$$p" --generate-completion-script zsh > '$(DESTDIR)$(ZSH_COMPLETIONS)'"/_$$p"; \
	    ".build/release/$$p" --generate-completion-script fish > '$(DESTDIR)$(FISH_COMPLETIONS)'"/$$p.fish"; \
	done
	install -m 644 models/*.safetensors models/*.md '$(DESTDIR)$(PREFIX)/share/srgan/models/'
	install -m 644 man/*.1 '$(DESTDIR)$(PREFIX)/share/man/man1/'
	install -m 644 man/srgand.8 '$(DESTDIR)$(PREFIX)/share/man/man8/'
	install -m 644 docs/alerts/srgan.rules.yml '$(DESTDIR)$(PREFIX)/share/srgan/'
	install -m 644 README.md LICENSE config.toml docs/*.md docs/*.jpg '$(DESTDIR)$(PREFIX)/share/doc/srgan/'
	test -e '$(DESTDIR)$(SYSCONFDIR)/srgan/config.toml' || \
	    install -m 644 systemd/config.toml '$(DESTDIR)$(SYSCONFDIR)/srgan/config.toml'
	install -m 644 systemd/srgand.sysusers '$(DESTDIR)$(PREFIX)/lib/sysusers.d/srgand.conf'
	install -m 644 systemd/srgand.tmpfiles '$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/srgand.conf'
	set -e; for u in $(UNITS); do \
	    sed 's#@PREFIX@#$(PREFIX)#g; s#@SYSCONFDIR@#$(SYSCONFDIR)#g' "systemd/$$u" > '$(DESTDIR)$(UNITDIR)'"/$$u"; done
	@if [ -z '$(DESTDIR)$(STAGED)' ] && [ "$$(id -u)" = 0 ]; then scripts/after-install '$(PREFIX)'; fi

uninstall: ## stop the service and remove the installed files; configuration, queue, images and your models stay
	@if [ -z '$(DESTDIR)$(STAGED)' ] && [ -d /run/systemd/system ]; then systemctl disable --now $(UNITS) || true; fi
	for p in $(PROGRAMS); do rm -f "$(DESTDIR)$(PREFIX)/bin/$$p" "$(DESTDIR)$(BASH_COMPLETIONS)/$$p" \
	    "$(DESTDIR)$(ZSH_COMPLETIONS)/_$$p" "$(DESTDIR)$(FISH_COMPLETIONS)/$$p.fish"; done
	rm -f '$(DESTDIR)$(PREFIX)/share/srgan/srgan.rules.yml'
	cd models && for f in *.safetensors *.md; do rm -f '$(DESTDIR)$(PREFIX)/share/srgan/models/'"$$f"; done
	@# A folder that holds models of the user stays.
	rmdir --ignore-fail-on-non-empty '$(DESTDIR)$(PREFIX)/share/srgan/models' '$(DESTDIR)$(PREFIX)/share/srgan' || true
	rm -rf '$(DESTDIR)$(PREFIX)/share/doc/srgan'
	cd man && for f in *.1; do rm -f '$(DESTDIR)$(PREFIX)/share/man/man1/'"$$f"; done
	for u in $(UNITS); do rm -f '$(DESTDIR)$(UNITDIR)'"/$$u"; done
	rm -f \
	    '$(DESTDIR)$(PREFIX)/share/man/man8/srgand.8' '$(DESTDIR)$(PREFIX)/lib/sysusers.d/srgand.conf' \
	    '$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/srgand.conf'
	@if [ -z '$(DESTDIR)$(STAGED)' ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi

clean: ## remove build products (not ./var)
	rm -rf .build
