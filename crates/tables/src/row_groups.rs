//! Encodes rows as row groups of a Parquet file.
//!
//! Polars hashes and compares every text to find the equal ones. The rows of this dataset repeat
//! long texts, ARNs above all, thousands of times, and mostly by referring to the same bytes. So
//! references are compared first, and only what they refer to is hashed. The result is the same.

use polars::prelude::{CompatLevel, DataFrame, PlHashMap, PolarsError, PolarsResult, polars_bail};
use polars_arrow::array::{Array, ArrayRef, DictionaryArray, PrimitiveArray, Utf8ViewArray};
use polars_core::prelude::SchemaExt;
use polars_core::runtime::RAYON;
use polars_io::parquet::write::{ParquetCompression, RowGroupIterColumns, StatisticsOptions};
use polars_parquet::read::ParquetError;
use polars_parquet::write::{
    Compressor, DynIter, DynStreamingIterator, FallibleStreamingIterator, ParquetType, Version,
    WriteOptions, array_to_columns, get_dtype_encoding, to_parquet_schema,
};
use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

/// Encodes rows: a row group for each chunk of the frame. They are compressed when they are written.
///
/// # Errors
/// If a column has a type that the tables do not have.
pub(crate) fn row_groups(
    frame: &DataFrame,
) -> PolarsResult<Vec<RowGroupIterColumns<'static, PolarsError>>> {
    let options = WriteOptions {
        statistics: StatisticsOptions::default(),
        compression: ParquetCompression::default().into(),
        version: Version::V1,
        data_page_size: None,
    };
    let schema = frame.schema().to_arrow(CompatLevel::newest());
    let schema = to_parquet_schema(&schema)?;
    let group = |columns: &[ArrayRef]| {
        let columns = columns.par_iter().zip(schema.fields());
        let columns: Vec<_> = columns
            .map(|(column, kind)| encoded(column, kind, options))
            .collect::<PolarsResult<_>>()?;
        Ok(DynIter::new(columns.into_iter().map(Ok)))
    };
    frame
        .iter_chunks(CompatLevel::newest(), false)
        .filter(|chunk| !chunk.is_empty())
        .map(|chunk| RAYON.install(|| group(chunk.columns())))
        .collect()
}

/// The pages of one column, which are compressed one by one as they are asked for.
type Pages = DynStreamingIterator<'static, polars_parquet::write::CompressedPage, PolarsError>;

fn encoded(column: &ArrayRef, kind: &ParquetType, options: WriteOptions) -> PolarsResult<Pages> {
    let texts = column.as_any().downcast_ref::<Utf8ViewArray>();
    let shortened = texts.and_then(dictionary);
    let column = match &shortened {
        Some(shortened) => shortened as &dyn Array,
        None => column.as_ref(),
    };
    let encoding = get_dtype_encoding(column.dtype());
    let mut pages = array_to_columns(column, kind.clone(), options, &encoding)?;
    let (Some(pages), true) = (pages.pop(), pages.is_empty()) else {
        polars_bail!(ComputeError: "the tables have no nested columns");
    };
    let pages = pages.map(|page| page.map_err(ParquetError::from));
    let pages = Compressor::new_from_vec(pages, options.compression, Vec::new());
    Ok(DynStreamingIterator::new(pages.map_err(PolarsError::from)))
}

/// How many rows show whether a column has few references.
const SAMPLE: usize = 4_096;

/// Texts as numbers of distinct texts, in the order in which they first occur; `None` where most
/// rows refer to a text of their own, as the first of them show.
fn dictionary(texts: &Utf8ViewArray) -> Option<DictionaryArray<u32>> {
    let sample = texts.len().min(SAMPLE);
    let mut numbers: PlHashMap<u128, u32> = PlHashMap::default();
    let mut by_text: PlHashMap<&str, u32> = PlHashMap::default();
    let mut distinct: Vec<&str> = Vec::new();
    let mut keys: Vec<u32> = Vec::with_capacity(texts.len());
    let mut last = (u128::MAX, 0);
    for (row, view) in texts.views().iter().enumerate() {
        if row == sample && numbers.len() > sample / 2 {
            return None;
        }
        if texts.is_null(row) {
            keys.push(0);
            continue;
        }
        // A short text is in its reference; equal references mean equal texts.
        let reference = view.as_u128();
        if reference != last.0 {
            let number = match numbers.get(&reference) {
                Some(number) => *number,
                None => {
                    let text = texts.value(row);
                    let next = u32::try_from(distinct.len()).ok()?;
                    let number = *by_text.entry(text).or_insert(next);
                    if number == next {
                        distinct.push(text);
                    }
                    numbers.insert(reference, number);
                    number
                }
            };
            last = (reference, number);
        }
        keys.push(last.1);
    }
    if distinct.is_empty() || numbers.len() > texts.len() / 2 {
        return None;
    }
    let keys = PrimitiveArray::from_vec(keys).with_validity(texts.validity().cloned());
    let values = Utf8ViewArray::from_slice_values(distinct);
    DictionaryArray::try_from_keys(keys, values.boxed(), false).ok()
}

#[cfg(test)]
mod tests {
    use polars::prelude::{ChunkTake, IdxCa, NewChunkedArray, StringChunked};
    use polars_arrow::array::Utf8ViewArray;

    use super::dictionary;

    /// The texts that a dictionary stands for.
    fn read(texts: &Utf8ViewArray) -> Option<(Vec<Option<String>>, usize)> {
        let dictionary = dictionary(texts)?;
        let values = dictionary.values().as_any().downcast_ref::<Utf8ViewArray>();
        let values = values.expect("texts");
        let of = |key: Option<&u32>| key.map(|key| values.value(*key as usize).to_owned());
        Some((dictionary.keys().iter().map(of).collect(), values.len()))
    }

    /// Short and long texts, absent ones, references to the same bytes and to equal ones.
    #[test]
    fn a_dictionary_stands_for_the_same_texts() {
        let long =
            |number: usize| format!("arn:aws:lambda:eu-west-1:111122223333:function:f{number}");
        let pool: Vec<Option<String>> = (0..40)
            .map(|number| match number % 5 {
                0 => None,
                1 => Some(format!("short{}", number % 7)),
                2 => Some(String::new()),
                _ => Some(long(number % 9)),
            })
            .collect();
        let pool = StringChunked::from_iter_options("texts".into(), pool.into_iter());
        let rows: Vec<u32> = (0..4_000).map(|row| row * 7 / 3 % 40).collect();
        let texts = pool.take(&IdxCa::from_vec("row".into(), rows));
        let texts = texts.expect("rows in range").rechunk().into_owned();
        let expected: Vec<Option<String>> =
            texts.iter().map(|text| text.map(str::to_owned)).collect();
        let distinct: std::collections::HashSet<_> = expected.iter().flatten().collect();
        let chunk = texts.downcast_iter().next().expect("a chunk");
        let (found, values) = read(chunk).expect("a dictionary");
        assert_eq!(found, expected);
        assert_eq!(values, distinct.len());
    }

    #[test]
    fn texts_that_do_not_recur_have_no_dictionary() {
        let own = |number| format!("a text that is long enough to lie elsewhere {number}");
        let texts: Vec<String> = (0..100).map(own).collect();
        assert!(read(&Utf8ViewArray::from_slice_values(texts)).is_none());
        let absent = Utf8ViewArray::from_slice([None::<&str>; 100]);
        assert!(read(&absent).is_none());
    }
}
