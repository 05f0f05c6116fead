/// Rules as written, how their text is read and complained about, and their compiled form.
///
/// In: the rows of `sdwan_policies` as values. Out: [Policy], [Matcher] (which policy takes a flow)
/// and [Explanation] (why). Never knows: where the rows came from, how much a flow carries, which
/// path it takes.
package dev.patronus.policy;
