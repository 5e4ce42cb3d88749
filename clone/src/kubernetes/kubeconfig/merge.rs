//! Adding the kubeconfig of a lab to the user's own.
