/// Option groups and name lookup that several commands share.
///
/// In: words of options. Out: ranges, policies, endpoints, candidates for a name. Never knows:
/// which command asks.
@NullMarked
package dev.patronus.cli.option;

import org.jspecify.annotations.NullMarked;
