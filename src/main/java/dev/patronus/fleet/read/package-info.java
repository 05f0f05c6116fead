/// Reads a hub: history, traffic, lists and rows of many gateways, as a gateway reads its own
/// database.
///
/// In: the names of gateways, ranges. Out: the values that the core computes with, each with its
/// gateway. Never knows: how they are shown, how they came to the hub.
@NullMarked
package dev.patronus.fleet.read;

import org.jspecify.annotations.NullMarked;
