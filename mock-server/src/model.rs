//! Service models: operations, shapes and errors, as the trimmed files of `models/` have them.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::wire::Pattern;

/// A service as its model tells it.
#[derive(Debug, Deserialize)]
pub(crate) struct Service {
    pub(crate) metadata: Metadata,
    pub(crate) operations: HashMap<String, Operation>,
    /// Sorted by name. Members know their shape's place in it, since looking up names took a tenth
    /// of a call.
    #[serde(deserialize_with = "sorted")]
    shapes: Vec<(String, Shape)>,
    /// Paths of the operations of REST services, by method.
    #[serde(skip)]
    routes: Vec<Route>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) protocol: Protocol,
    #[serde(default)]
    pub(crate) json_version: Option<String>,
    #[serde(default)]
    pub(crate) target_prefix: Option<String>,
    pub(crate) api_version: String,
    #[serde(default)]
    pub(crate) xml_namespace: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    Query,
    Json,
    RestJson,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) http: Http,
    #[serde(default)]
    pub(crate) input: Option<Body>,
    #[serde(default)]
    pub(crate) output: Option<Body>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    #[serde(default)]
    pub(crate) response_code: Option<u16>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    pub(crate) shape: String,
    #[serde(default)]
    pub(crate) result_wrapper: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Type {
    Structure,
    List,
    Map,
    String,
    Character,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Blob,
    Timestamp,
}

impl Type {
    /// Whether it is a number without a fraction.
    pub(crate) fn is_whole(self) -> bool {
        matches!(self, Self::Integer | Self::Long)
    }

    /// Whether it is a number with a fraction.
    pub(crate) fn is_decimal(self) -> bool {
        matches!(self, Self::Float | Self::Double)
    }

    /// Whether other values are in it.
    pub(crate) fn has_parts(self) -> bool {
        matches!(self, Self::Structure | Self::List | Self::Map)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Type,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    #[serde(default)]
    pub(crate) payload: Option<String>,
    #[serde(default, rename = "enum")]
    pub(crate) allowed: Vec<String>,
    #[serde(default)]
    pub(crate) min: Option<f64>,
    #[serde(default)]
    pub(crate) max: Option<f64>,
    #[serde(default)]
    pub(crate) pattern: Option<Pattern>,
    /// AWS does not repeat the values of such members in its messages.
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) flattened: bool,
    #[serde(default)]
    pub(crate) error: Option<ErrorTrait>,
    #[serde(default, deserialize_with = "ordered")]
    pub(crate) members: Vec<(String, Member)>,
    #[serde(default)]
    pub(crate) member: Option<Member>,
    #[serde(default)]
    pub(crate) key: Option<Member>,
    #[serde(default)]
    pub(crate) value: Option<Member>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorTrait {
    #[serde(default)]
    pub(crate) code: Option<String>,
    #[serde(default)]
    pub(crate) http_status_code: Option<u16>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) shape: String,
    /// The shape's place among those of its service.
    #[serde(skip)]
    at: usize,
    #[serde(default)]
    pub(crate) location: Option<Location>,
    #[serde(default)]
    pub(crate) location_name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Location {
    Uri,
    Querystring,
    Header,
    Headers,
    StatusCode,
}

/// Members keep their order: it is the order of elements in XML.
fn ordered<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, Member)>, D::Error> {
    let members = serde_json::Map::<String, serde_json::Value>::deserialize(deserializer)?;
    members
        .into_iter()
        .map(|(name, member)| {
            Ok((
                name,
                serde_json::from_value(member).map_err(serde::de::Error::custom)?,
            ))
        })
        .collect()
}

fn sorted<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, Shape)>, D::Error> {
    BTreeMap::deserialize(deserializer).map(|shapes| shapes.into_iter().collect())
}

#[derive(Debug)]
struct Route {
    method: String,
    operation: String,
    segments: Vec<Segment>,
    /// Query parameters that the path itself names (`?Action=…`).
    query: Option<String>,
}

#[derive(Debug)]
enum Segment {
    Fixed(String),
    Label(String),
    /// Takes the rest of the path.
    Greedy(String),
}

impl Service {
    /// Reads a model.
    pub(crate) fn load(text: &str) -> Self {
        let mut service: Self = serde_json::from_str(text)
            .unwrap_or_else(|error| panic!("a model of this build cannot be read: {error}"));
        service.place_shapes();
        if service.metadata.protocol == Protocol::RestJson {
            service.routes = service
                .operations
                .iter()
                .map(|(name, operation)| Route::new(name, &operation.http))
                .collect();
            // Fixed words before labels, so that a path that fits both finds its own operation.
            service.routes.sort_by_key(|route| {
                let labels = route
                    .segments
                    .iter()
                    .filter(|segment| !matches!(segment, Segment::Fixed(_)))
                    .count();
                (route.query.is_none(), labels, route.operation.clone())
            });
        }
        service
    }

    /// Tells members where their shapes are.
    fn place_shapes(&mut self) {
        let names: Vec<String> = self.shapes.iter().map(|(name, _)| name.clone()).collect();
        for (_, shape) in &mut self.shapes {
            let members = shape.members.iter_mut().map(|(_, member)| member);
            for member in members
                .chain(&mut shape.member)
                .chain(&mut shape.key)
                .chain(&mut shape.value)
            {
                member.at = names
                    .binary_search(&member.shape)
                    .unwrap_or_else(|_| panic!("the model has no shape {}", member.shape));
            }
        }
    }

    /// The shape with a name; the models are closed, so that it is always there.
    pub(crate) fn shape(&self, name: &str) -> &Shape {
        self.find_shape(name)
            .unwrap_or_else(|| unreachable!("the model has no shape {name}"))
    }

    /// The shape with a name, if there is one.
    pub(crate) fn find_shape(&self, name: &str) -> Option<&Shape> {
        let at = self
            .shapes
            .binary_search_by(|(known, _)| known.as_str().cmp(name))
            .ok()?;
        self.shapes.get(at).map(|(_, shape)| shape)
    }

    /// The shape of a member.
    pub(crate) fn of(&self, member: &Member) -> &Shape {
        self.shapes.get(member.at).map_or_else(
            || unreachable!("a member of another service"),
            |(_, shape)| shape,
        )
    }

    /// All shapes, with their names.
    #[cfg(test)]
    pub(crate) fn shapes(&self) -> impl Iterator<Item = (&str, &Shape)> {
        self.shapes
            .iter()
            .map(|(name, shape)| (name.as_str(), shape))
    }

    /// The operation of a REST call, with the labels of its path.
    pub(crate) fn route(
        &self,
        method: &str,
        path: &str,
        query: &str,
    ) -> Option<(&str, Vec<(&str, String)>)> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        self.routes
            .iter()
            .filter(|route| route.method == method)
            .find_map(|route| {
                let wanted = route
                    .query
                    .as_deref()
                    .is_none_or(|wanted| query.split('&').any(|pair| pair == wanted));
                let labels = wanted.then(|| route.labels(&parts)).flatten()?;
                Some((route.operation.as_str(), labels))
            })
    }
}

impl Route {
    fn new(operation: &str, http: &Http) -> Self {
        let (path, query) = http
            .request_uri
            .split_once('?')
            .map_or((http.request_uri.as_str(), None), |(path, query)| {
                (path, Some(query.to_owned()))
            });
        let segments = path.trim_matches('/').split('/').map(|part| {
            match part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
            {
                Some(label) => label.strip_suffix('+').map_or_else(
                    || Segment::Label(label.to_owned()),
                    |label| Segment::Greedy(label.to_owned()),
                ),
                None => Segment::Fixed(part.to_owned()),
            }
        });
        Self {
            method: http.method.clone(),
            operation: operation.to_owned(),
            segments: segments.collect(),
            query,
        }
    }

    fn labels(&self, parts: &[&str]) -> Option<Vec<(&str, String)>> {
        // What is no text becomes one that no pattern allows.
        let decode = |part: &str| {
            percent_encoding::percent_decode_str(part)
                .decode_utf8_lossy()
                .into_owned()
        };
        let mut labels = Vec::new();
        for (at, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Fixed(word) => (parts.get(at)? == word).then_some(())?,
                Segment::Label(name) => labels.push((
                    name.as_str(),
                    decode(parts.get(at).filter(|part| !part.is_empty())?),
                )),
                Segment::Greedy(name) => {
                    labels.push((name.as_str(), decode(&parts.get(at..)?.join("/"))));
                    return Some(labels);
                }
            }
        }
        (parts.len() == self.segments.len()).then_some(labels)
    }
}
