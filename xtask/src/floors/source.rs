//! Reads a file: its modules, the names that they bind, and every path that they name.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, Meta, UseTree, Visibility};

/// The parts of a path, such as `crate::areas::service`.
pub type Path = Vec<String>;

/// A module in a file.
#[derive(Debug, Default)]
pub struct Module {
    pub path: Path,
    /// Its child modules, in the order of their declarations.
    pub children: Vec<String>,
    /// The names that its imports bind, and the paths that they stand for.
    pub names: Vec<(String, Path)>,
    /// The modules that it imports with `*`.
    pub globs: Vec<Path>,
    /// The items that it defines itself.
    pub items: Vec<String>,
    /// Those of `items` that are macros exported at the root of the crate.
    pub exported: Vec<String>,
    pub references: Vec<Reference>,
    named: HashSet<(Path, Kind)>,
}

/// A path that a module names.
#[derive(Debug)]
pub struct Reference {
    pub line: usize,
    pub path: Path,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Use,
    /// A single name, which means something in scope but never a crate.
    Name,
    /// A re-export.
    PassedOn,
    /// The table that a foreign key points to.
    ForeignKey,
}

/// Reads the modules of a file, the outermost first.
///
/// # Errors
/// Fails if the text is not valid Rust.
pub fn read(path: Path, text: &str) -> syn::Result<Vec<Module>> {
    let file = syn::parse_file(text)?;
    let mut reader = Reader { open: Vec::new(), done: Vec::new() };
    reader.within(path, |reader| reader.visit_file(&file));
    reader.done.reverse();
    Ok(reader.done)
}

/// How tokens are scanned.
#[derive(Clone, Copy)]
struct Scan {
    kind: Kind,
    /// The line of the tokens, if they have none of their own.
    line: Option<usize>,
    /// Whether string literals contain code, as in attributes.
    texts: bool,
}

struct Reader {
    open: Vec<Module>,
    done: Vec<Module>,
}

impl Reader {
    fn within(&mut self, path: Path, visit: impl FnOnce(&mut Self)) {
        self.open.push(Module { path, ..Module::default() });
        visit(self);
        self.done.extend(self.open.pop());
    }

    fn module(&mut self) -> &mut Module {
        self.open.last_mut().expect("a file is a module")
    }

    fn add(&mut self, line: usize, path: Path, kind: Kind) {
        // One line for each path is enough, so the first one counts.
        if self.module().named.insert((path.clone(), kind)) {
            self.module().references.push(Reference { line, path, kind });
        }
    }

    fn import(&mut self, tree: &UseTree, mut path: Path, kind: Kind) {
        let (name, bound) = match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                return self.import(&part.tree, path, kind);
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.import(tree, path.clone(), kind));
            }
            UseTree::Glob(glob) => {
                self.add(glob.star_token.span.start().line, path.clone(), kind);
                return self.module().globs.push(path);
            }
            UseTree::Name(name) => (&name.ident, &name.ident),
            UseTree::Rename(rename) => (&rename.ident, &rename.rename),
        };
        let (line, mut bound) = (name.span().start().line, bound.to_string());
        if name != "self" {
            path.push(name.to_string());
        } else if bound == "self" {
            bound = path.last().cloned().unwrap_or_default();
        }
        self.add(line, path.clone(), kind);
        self.module().names.push((bound, path));
    }

    /// Finds the paths in tokens that are not parsed: the arguments of macros and attributes.
    fn scan(&mut self, tokens: TokenStream, how: Scan) {
        let mut path = Path::new();
        let (mut colons, mut is_variable, mut line, mut word) = (0, false, 0, String::new());
        for token in tokens {
            let continues = colons == 2;
            match &token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(name) if !(is_variable && name != "crate") => {
                    if !continues {
                        self.end(&mut path, line, how.kind);
                        line = how.line.unwrap_or_else(|| name.span().start().line);
                    }
                    path.push(name.to_string());
                    word = name.to_string();
                }
                TokenTree::Group(group) => {
                    self.end(&mut path, line, how.kind);
                    self.scan(group.stream(), how);
                }
                TokenTree::Literal(literal) if how.texts => {
                    self.end(&mut path, line, how.kind);
                    let kind = if word == "belongs_to" { Kind::ForeignKey } else { how.kind };
                    let line = Some(literal.span().start().line);
                    let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).ok();
                    if let Some(tokens) = text.and_then(|text| text.value().parse().ok()) {
                        self.scan(tokens, Scan { kind, line, texts: false });
                    }
                }
                _ => self.end(&mut path, line, how.kind),
            }
            colons = 0;
            is_variable = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '$');
        }
        self.end(&mut path, line, how.kind);
    }

    fn end(&mut self, path: &mut Path, line: usize, kind: Kind) {
        if path.len() > 1 {
            self.add(line, std::mem::take(path), kind);
        }
        path.clear();
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Macro(item) => item.ident.as_ref(),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            _ => None,
        };
        self.module().items.extend(name.map(ToString::to_string));
        if let Item::Macro(item) = item
            && item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"))
        {
            self.module().exported.extend(item.ident.iter().map(ToString::to_string));
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        self.module().children.push(name.clone());
        let Some((_, items)) = &item.content else { return };
        let mut path = self.module().path.clone();
        path.push(name);
        self.within(path, |reader| items.iter().for_each(|item| reader.visit_item(item)));
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let kind = if matches!(item.vis, Visibility::Inherited) { Kind::Use } else { Kind::PassedOn };
        self.import(&item.tree, Path::new(), kind);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Path = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let Some(first) = path.segments.first() {
            let kind = if parts.len() == 1 { Kind::Name } else { Kind::Use };
            self.add(first.ident.span().start().line, parts, kind);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.visit_path(&item.path);
        self.scan(item.tokens.clone(), Scan { kind: Kind::Use, line: None, texts: false });
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.scan(list.tokens.clone(), Scan { kind: Kind::Use, line: None, texts: true });
        }
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}
