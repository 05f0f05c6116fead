/// Option groups and name lookup that several commands share.
///
/// In: words of options. Out: ranges, policies, endpoints, candidates for a name. Never knows:
/// which command asks.
package dev.patronus.cli.option;
