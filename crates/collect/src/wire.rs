//! The wire layer: JSON, YAML, log and audit text in, thin facts out, nothing else kept.

mod audit;
mod cluster;
mod custom;
mod data;
mod event;
mod fault;
mod intern;
mod kind;
mod log;
mod meta;
mod part;
mod pod;
mod podspec;
mod state;
mod sync;
mod text;
mod workload;
mod yaml;

#[cfg(test)]
pub(crate) mod tests;

use std::io::BufRead;
use std::sync::Arc;

use keytrace_core::coverage::Unseen;
use keytrace_core::objects::{Kind, Str};
use keytrace_core::value::Tagger;
use serde::Deserialize;

pub use fault::Fault;
pub use part::Part;
use state::State;

/// What is known about an item from where it was found.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The file that it came from, for provenance.
    pub file: &'a Str,
    /// Namespace by the layout of the bundle, for items that state none.
    pub namespace: Option<&'a str>,
    /// Kind of the items of the surrounding List (`Pod` for a `PodList`), for items that state none. For items of a
    /// `PartialObjectMetadataList` the kind that the file's name or the request says.
    pub list_kind: Option<&'a str>,
    /// `apiVersion` of the surrounding List, for items that state none.
    pub list_api_version: Option<&'a str>,
}

/// What an item was: the input layer derives from it which kinds were collected in which namespaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    pub kind: Kind,
    /// Empty for cluster objects.
    pub namespace: Str,
}

/// Whether `managedFields` of this kind are decoded. Those of all others are cut out before an item is parsed: they are
/// nearly half of all bytes of a dump.
pub fn reads_managed_fields(kind: &str) -> bool {
    !matches!(
        kind,
        "Pod"
            | "ReplicaSet"
            | "ControllerRevision"
            | "Node"
            | "Event"
            | "Lease"
            | "Endpoints"
            | "EndpointSlice"
            | "CSINode"
    )
}

/// Bounds of the fold.
#[derive(Clone, Debug)]
pub struct FoldOptions {
    /// Distinct recognised kinds of lines that are kept of one log.
    pub log_hits: usize,
    /// Bytes of a log line that are read; the rest of a longer line is passed over.
    pub log_line: usize,
}

impl Default for FoldOptions {
    fn default() -> Self {
        Self { log_hits: 200, log_line: 16 * 1024 }
    }
}

/// Whose log a text is.
#[derive(Clone, Debug)]
pub struct LogPlace {
    pub namespace: Option<Str>,
    pub pod: Str,
    pub container: Option<Str>,
    pub previous: bool,
}

/// Folds items, one after the other, into facts. Use one per thread, and [`Part::merge`] at the end.
#[derive(Debug)]
pub struct Folder {
    state: State,
}

impl Folder {
    pub fn new(tagger: Arc<Tagger>, options: FoldOptions) -> Self {
        Self { state: State::new(tagger, options) }
    }

    /// Folds one object in JSON, and says what it was.
    pub fn json(&mut self, item: &[u8], context: &Context) -> Result<Folded, Fault> {
        let own = kind::type_meta(item);
        let kind_name = own.kind.or(context.list_kind);
        let Some(mut name) = kind_name else { return Err(Fault::skipped("states no kind")) };
        let mut api_version = own.api_version.or(context.list_api_version);
        // Lists of metadata say which kind they are of only by their file or request.
        let metadata_only = name == "PartialObjectMetadata";
        if metadata_only {
            name = context.list_kind.unwrap_or(name);
            api_version = None;
        }
        let group = api_version.map(kind::group);
        if group == Some("audit.k8s.io") {
            return Err(Fault::skipped("an entry of an audit log"));
        }
        let known = kind::known(name, group);
        let of = match (known, group) {
            (Some(kind), _) => kind,
            (None, Some(group)) if kind::is_delivery_group(group) => Kind::Other(self.state.names.get(name)),
            _ => return Err(Fault::skipped("of a kind that no check reads")),
        };
        self.state.folded = None;
        self.state.item = item.as_ptr().addr();
        self.dispatch(of, group.unwrap_or_default(), metadata_only, item, context)?;
        self.state.folded.take().ok_or_else(|| Fault::skipped("nothing that a check reads"))
    }

    fn dispatch(
        &mut self,
        of: Kind,
        group: &str,
        metadata_only: bool,
        item: &[u8],
        context: &Context,
    ) -> Result<(), Fault> {
        let state = &mut self.state;
        if metadata_only {
            state.out.coverage.kinds.entry(of.clone()).or_default().metadata_only = true;
            // Without its body a Pod would seem to have no containers, and a Role to grant nothing.
            if !matches!(of, Kind::Secret | Kind::ConfigMap | Kind::Namespace) {
                state.out.coverage.state_unseen(of, "", Unseen::MetadataOnly);
                return Err(Fault::skipped("only its metadata were collected"));
            }
        }
        match of {
            Kind::Pod => parse::<pod::WirePod>(item)?.fold(context, state),
            Kind::Secret | Kind::ConfigMap => parse::<data::WireData>(item)?.fold(of, metadata_only, context, state),
            Kind::Event => parse::<event::WireEvent>(item)?.fold(context, state),
            of if of.makes_pods() => parse::<workload::WireWorkload>(item)?.fold(of, context, state),
            Kind::ControllerRevision => parse::<workload::WireRevision>(item)?.fold(context, state),
            Kind::ServiceAccount => parse::<cluster::WireAccount>(item)?.fold(context, state),
            Kind::Role | Kind::ClusterRole => parse::<cluster::WireRole>(item)?.fold(of, context, state),
            Kind::RoleBinding | Kind::ClusterRoleBinding => {
                parse::<cluster::WireBinding>(item)?.fold(of, context, state)
            }
            Kind::Node => parse::<cluster::WireNode>(item)?.fold(context, state),
            Kind::Namespace => parse::<cluster::WireNamespace>(item)?.fold(context, state),
            Kind::ResourceQuota => parse::<cluster::WireQuota>(item)?.fold(context, state),
            Kind::Lease => parse::<cluster::WireLease>(item)?.fold(context, state),
            Kind::Ingress | Kind::Gateway => parse::<cluster::WireIngress>(item)?.fold(of, context, state),
            Kind::ExternalSecret | Kind::ClusterExternalSecret => {
                parse::<sync::WireExternalSecret>(item)?.fold(of, context, state)
            }
            Kind::SecretStore | Kind::ClusterSecretStore => parse::<sync::WireStore>(item)?.fold(of, context, state),
            Kind::SecretProviderClass => parse::<sync::WireProviderClass>(item)?.fold(context, state),
            Kind::SecretProviderClassPodStatus => parse::<sync::WireCsiStatus>(item)?.fold(context, state),
            // They name no Secret: what counts is that they were seen.
            Kind::Service | Kind::PersistentVolumeClaim => parse::<cluster::WireSeen>(item)?.fold(of, context, state),
            other => parse::<custom::WireCustom>(item)?.fold(other, group, context, state),
        }
    }

    /// Folds one object in YAML, and says what it was.
    pub fn yaml(&mut self, item: &str, context: &Context) -> Result<Folded, Fault> {
        let json = yaml::to_json(item)?;
        self.json(&json, context).map_err(|fault| {
            if fault.skip {
                return fault;
            }
            // Positions in the JSON mean nothing to the reader of the YAML.
            let line = fault.offset_in_item.and_then(|offset| yaml::line_of(item, offset));
            let what = match line {
                Some(line) => format!("not the expected shape at line {line}"),
                None => "not the expected shape".to_owned(),
            };
            Fault { offset_in_item: None, line_in_item: line, what, skip: false }
        })
    }

    /// Folds one line of an API server's audit log, or a document that holds a list of entries.
    pub fn audit_line(&mut self, line: &[u8]) -> Result<(), Fault> {
        audit::line(line, &mut self.state)
    }

    /// Reads the log of one run of one container.
    pub fn log(&mut self, place: LogPlace, reader: &mut dyn BufRead) -> Result<(), Fault> {
        log::read(place, reader, &mut self.state)
    }

    pub fn finish(self) -> Part {
        Part::new(self.state.out)
    }
}

/// Parses a part of the item at address `item`, and says where in the item it fails.
fn parse_within<'a, T: Deserialize<'a>>(part: &'a str, item: usize) -> Result<T, Fault> {
    parse(part.as_bytes()).map_err(|mut fault| {
        let start = part.as_ptr().addr().checked_sub(item).map(|start| start as u64);
        fault.shift(start.unwrap_or_default());
        fault
    })
}

/// Parses borrowed from the item. Errors say where and never what.
fn parse<'a, T: Deserialize<'a>>(item: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(item).map_err(|error| Fault::of_json(&error, item))
}
