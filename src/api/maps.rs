//! The map of a repository: what its files define.

use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    wire::{Cursor, Id, Limit, kind},
};
use crate::services::maps::{Kind, MappedFile, Symbol};

#[derive(Default)]
pub(super) struct MapsApi;

/// What something is that a file defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum SymbolKind {
    /// A function.
    Function,
    /// A function of a type.
    Method,
    /// A class, a structure, an enumeration.
    Class,
    /// An interface or a trait.
    Interface,
    /// A module.
    Module,
    /// A macro.
    Macro,
    /// Another type.
    Type,
    /// A value with a name.
    Constant,
}

/// Something that a file defines.
#[derive(Object)]
struct MapSymbol {
    /// What it is.
    kind: SymbolKind,
    /// What it is called.
    name: String,
    /// The line of its name, from 1.
    line: u32,
}

/// A file that defines something.
#[derive(Object)]
struct MapFile {
    /// Its path.
    path: String,
    /// What it defines, in order; 200 at most.
    symbols: Vec<MapSymbol>,
}

/// A page of the map of a repository.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct RepositoryMap {
    /// The commit that it is of.
    commit: String,
    /// The files, those first that the others speak of most.
    items: Vec<MapFile>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
    /// Whether something was left out: a map is made of 2,000 files and 16 megabytes at most, and shows 20,000 symbols.
    truncated: bool,
}

#[OpenApi(prefix_path = "/api/v1/repositories", tag = "Tag::Repositories")]
impl MapsApi {
    /// Get the map of a repository
    ///
    /// What its files define and where, as the grammars of Rust, Python, JavaScript, TypeScript and Go see it; files in
    /// other languages are left out.
    #[oai(path = "/:id/map", method = "get", operation_id = "getRepositoryMap")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    async fn get(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
        /// Only at or below this path.
        #[oai(validator(max_length = 1000))]
        path: Query<Option<String>>,
        /// A branch, a tag or a commit; the default branch when nothing is said.
        #[oai(name = "ref", validator(min_length = 1, max_length = 200))]
        at: Query<Option<String>>,
        /// How many files at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<RepositoryMap>, Problem> {
        let caller = auth.may("getRepositoryMap")?;
        let passed: usize = Cursor::one(cursor.0)?.unwrap_or_default();
        let repositories = &state.work.repositories;
        let map = repositories.map(&state.cache, caller, id.0.0, at.0.as_deref());
        let map = map.await?;
        let path = path.0.unwrap_or_default();
        let there = map.files.into_iter().filter(|file| file.is_below(&path));
        let files: Vec<(usize, MappedFile)> = (1..).zip(there).skip(passed).collect();
        let (files, next_cursor) = Cursor::page(files, Limit::of(limit.0), |(place, _)| *place);
        Ok(Json(RepositoryMap {
            commit: map.commit,
            items: files.into_iter().map(|(_, file)| file.into()).collect(),
            next_cursor,
            truncated: map.truncated,
        }))
    }
}

impl From<MappedFile> for MapFile {
    fn from(file: MappedFile) -> Self {
        Self {
            path: file.path,
            symbols: file.symbols.into_iter().map(MapSymbol::from).collect(),
        }
    }
}

impl From<Symbol> for MapSymbol {
    fn from(symbol: Symbol) -> Self {
        Self {
            kind: match symbol.kind {
                Kind::Function => SymbolKind::Function,
                Kind::Method => SymbolKind::Method,
                Kind::Class => SymbolKind::Class,
                Kind::Interface => SymbolKind::Interface,
                Kind::Module => SymbolKind::Module,
                Kind::Macro => SymbolKind::Macro,
                Kind::Type => SymbolKind::Type,
                Kind::Constant => SymbolKind::Constant,
            },
            name: symbol.name,
            line: symbol.line,
        }
    }
}
