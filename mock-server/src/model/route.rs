//! Which operation of a REST service a request is for.

use std::cmp::Reverse;

use super::{Location, Operation, Service};
use crate::wire::RawRequest;

#[derive(Debug)]
pub(super) struct Route {
    method: String,
    pub(super) operation: String,
    segments: Vec<Segment>,
    /// Query parameters that the path itself names (`?Action=…`).
    query: Vec<String>,
    /// Members that the operation requires, by where they stand. They tell operations apart that
    /// share a path, as S3's do.
    required: Vec<(Location, String)>,
}

#[derive(Debug)]
enum Segment {
    Fixed(String),
    Label(String),
    /// Takes the rest of the path.
    Greedy(String),
}

impl Service {
    /// The operation of a REST call, with the labels of its path. Of several that fit, it is the one
    /// whose path says most, and then the one whose required members are there.
    pub(crate) fn route(&self, request: &RawRequest<'_>) -> Option<(&str, Vec<(&str, String)>)> {
        let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        let fitting = self
            .routes
            .iter()
            .filter(|route| route.method == request.method);
        let fitting = fitting.filter_map(|route| {
            let labels = route.labels(&parts)?;
            let present = route
                .query
                .iter()
                .all(|wanted| has_parameter(request.query, wanted));
            present.then_some((route, labels))
        });
        let best = fitting.min_by_key(|(route, labels)| {
            let missing = route
                .required
                .iter()
                .filter(|it| !is_there(request, it))
                .count();
            (
                Reverse(route.query.len()),
                labels.len(),
                Reverse(route.segments.len()),
                missing,
                Reverse(route.required.len()),
            )
        });
        best.map(|(route, labels)| (route.operation.as_str(), labels))
    }
}

/// Whether a query has a parameter, as a path of a model names it: `foo=bar`, or `foo` alone.
fn has_parameter(query: &str, wanted: &str) -> bool {
    query.split('&').any(|pair| {
        pair == wanted || !wanted.contains('=') && pair.split('=').next() == Some(wanted)
    })
}

/// Whether a required member is in its place.
fn is_there(request: &RawRequest<'_>, (location, name): &(Location, String)) -> bool {
    match location {
        Location::Header => request.headers.contains_key(name.as_str()),
        _ => has_parameter(request.query, name),
    }
}

impl Route {
    pub(super) fn new(service: &Service, name: &str, operation: &Operation) -> Self {
        let http = &operation.http;
        let (path, query) = http
            .request_uri
            .split_once('?')
            .unwrap_or((&http.request_uri, ""));
        let segments = path.trim_matches('/').split('/').map(|part| {
            let Some(label) = part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
            else {
                return Segment::Fixed(part.to_owned());
            };
            match label.strip_suffix('+') {
                Some(label) => Segment::Greedy(label.to_owned()),
                None => Segment::Label(label.to_owned()),
            }
        });
        let input = operation
            .input
            .as_ref()
            .map(|input| service.shape(&input.shape));
        let members = input.into_iter().flat_map(|shape| {
            shape
                .required
                .iter()
                .filter_map(|name| shape.find_member(name))
        });
        let required = members.filter_map(|(name, member)| {
            let location = member
                .location
                .filter(|it| matches!(it, Location::Header | Location::Querystring))?;
            Some((location, service.field(member).wire_name(name).to_owned()))
        });
        Self {
            method: http.method.clone(),
            operation: name.to_owned(),
            segments: segments.collect(),
            query: query
                .split('&')
                .filter(|it| !it.is_empty())
                .map(str::to_owned)
                .collect(),
            required: required.collect(),
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
                    // What follows in the model's path follows at the end of the request's.
                    let behind = self.segments.get(at + 1..)?;
                    let end = parts
                        .len()
                        .checked_sub(behind.len())
                        .filter(|end| *end > at)?;
                    labels.push((name.as_str(), decode(&parts.get(at..end)?.join("/"))));
                    let fits = behind.iter().zip(parts.get(end..)?).all(
                        |(segment, part)| matches!(segment, Segment::Fixed(word) if word == part),
                    );
                    return fits.then_some(labels);
                }
            }
        }
        (parts.len() == self.segments.len()).then_some(labels)
    }
}
