# The extension for VS Code, packed by its own tool; needs npm and the network.
EDITORS := build/editors

editors:
	rm -rf $(EDITORS)
	mkdir -p $(EDITORS)
	cp -r grammar/editors/vscode $(EDITORS)/vscode
	cp LICENSE-MIT $(EDITORS)/vscode/LICENSE.txt
	cd $(EDITORS)/vscode && npm install --no-audit --no-fund && \
	  npm run package -- --out ../bastion-bst.vsix

.PHONY: editors
#: editors    packs the extension for VS Code (npm, network)
