// Package content reads Secrets and ConfigMaps without holding all of a
// cluster's in memory.
//
// What exists, and in which version, is known from a cache of metadata. Content
// is read from the API server when it is needed and kept in a cache of its own,
// which is bounded in bytes and knows content by the identity and the version of
// its object: what it returns is never older than the metadata.
package content
