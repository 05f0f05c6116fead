/// The wire format of flow export: headers, integers of any length, timestamps, and the names of
/// drops.
///
/// In: bytes of a datagram. Out: integers, [Header] and [Timestamps]. Never knows: templates,
/// exporters, flows.
@NullMarked
package dev.patronus.source.netflow.wire;

import org.jspecify.annotations.NullMarked;
