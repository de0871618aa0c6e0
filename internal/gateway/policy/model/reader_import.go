package model

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

func (p parser) imports(policyID string, raw []byte) ([]Import, *protocol.Error) {
	if err := expect(document.Object, memberImports, raw); err != nil {
		return nil, err
	}
	var imports []Import
	for id, value := range document.Members(raw) {
		one, err := p.oneImport(policyID, id, value)
		if err != nil {
			return nil, err
		}
		imports = append(imports, one)
	}
	if !p.stored && len(imports) > p.MaxImports {
		return nil, protocol.ErrPolicyImportsTooLarge(len(imports), p.MaxImports)
	}
	return imports, nil
}

func (p parser) oneImport(policyID, importedID string, raw []byte) (Import, *protocol.Error) {
	if err := p.importedID(policyID, importedID); err != nil {
		return Import{}, err
	}
	if err := expect(document.Object, "The import of "+importedID, raw); err != nil {
		return Import{}, err
	}
	i := Import{ID: importedID}
	var err *protocol.Error
	if entries := optional(raw, memberEntries); entries != nil {
		if i.Entries, err = p.importEntries(entries); err != nil {
			return Import{}, err
		}
	}
	if transitive := optional(raw, memberTransitiveImports); transitive != nil {
		if i.TransitiveImports, err = p.transitiveImports(policyID, importedID, transitive); err != nil {
			return Import{}, err
		}
	}
	return i, nil
}

func (p parser) importedID(policyID, importedID string) *protocol.Error {
	switch {
	case p.stored:
		return nil
	case policyID == importedID:
		return protocol.ErrPolicyImportInvalid(importedID, "A policy cannot import itself.")
	}
	return checkPolicyID(importedID)
}

func (p parser) importEntries(raw []byte) ([]string, *protocol.Error) {
	labels, err := texts("The entries of an import", raw)
	if err != nil {
		return nil, err
	}
	for _, label := range labels {
		if err := p.label(label); err != nil {
			return nil, err
		}
	}
	return labels, nil
}

func (p parser) transitiveImports(policyID, importedID string, raw []byte) ([]string, *protocol.Error) {
	ids, err := texts(memberTransitiveImports, raw)
	if err != nil || p.stored {
		return ids, err
	}
	for _, id := range ids {
		if id == policyID || id == importedID {
			return nil, protocol.ErrPolicyImportInvalid(importedID,
				"Neither the policy itself nor the imported one can be among its transitive imports.")
		}
		if err := checkPolicyID(id); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// texts reads an array of strings without those that occur again. It is called what in the error, json.invalid.
func texts(what string, raw []byte) ([]string, *protocol.Error) {
	if err := expect(document.Array, what, raw); err != nil {
		return nil, err
	}
	var list distinct[string]
	for element := range document.Elements(raw) {
		if err := expect(document.String, what+", each,", element); err != nil {
			return nil, err
		}
		list.add(textOf(element))
	}
	return list.list, nil
}
